const { AsyncLocalStorage } = require('async_hooks');
const { v4: uuid } = require('uuid');
const constants = require('./constants');

const storage = new AsyncLocalStorage(); // finds: context-stored

exports.middleware = (req, _res, next) => {
  let id = req.headers[constants.ID_HEADER.toLowerCase()]; // finds: header-read
  if (!id) {
    id = uuid(); // finds: id-made
  }
  storage.run({ correlationId: id, startedAt: Date.now() }, () => next()); // finds: context-stored
};

exports.correlationId = () => storage.getStore()?.correlationId; // finds: context-read
exports.startedAt = () => storage.getStore()?.startedAt;
