//! The HJ 212 protocol, sans-I/O: frames, data segments, three editions, conversations.
