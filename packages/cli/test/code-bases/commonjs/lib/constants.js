module.exports = { ID_HEADER: 'X-Correlation-ID', API_KEY: 'x-api-key' };
