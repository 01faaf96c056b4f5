#!/usr/bin/env node
// A file of its own, because package managers link a command only where its file is there, and `dist` is built later.
import '../dist/main.js';
