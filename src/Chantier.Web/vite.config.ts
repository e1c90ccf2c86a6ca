import { defineConfig } from 'vite';

// While the page is worked on it is served from here, and asks a service that runs beside it as `dotnet run` starts it.
const service = 'http://localhost:5080';

export default defineConfig({
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1500 },
  server: { host: '127.0.0.1', proxy: Object.fromEntries(['/v1', '/ogc', '/openapi', '/docs', '/health'].map(path => [path, service])) },
});
