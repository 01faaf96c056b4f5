package gogocodec

// Both this package and gRPC's own register a codec named "proto", and the last one counts. Since Go 1.21 packages are
// initialised in the order of their paths, which makes it gRPC's; Tempo 1.5 then panics on its first span. An import
// makes it the first.
import _ "google.golang.org/grpc/encoding/proto"
