const { AsyncLocalStorage } = require('node:async_hooks');
exports.als = new AsyncLocalStorage();
