import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    'gateway/main': 'src/gateway/main.ts',
    'product/main': 'src/product/main.ts',
    'views/main': 'src/views/main.ts',
  },
  format: 'esm',
  target: 'node20',
  clean: true,
  sourcemap: true,
});
