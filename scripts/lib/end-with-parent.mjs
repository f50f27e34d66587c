// Loaded in front of the proxy by the scripts that start it: asks it to stop when they end without doing so.
process.channel?.unref();
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
