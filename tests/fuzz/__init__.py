"""Fuzzers: whatever a spec contains, a clear answer or a clear error, in bounded time and memory."""
