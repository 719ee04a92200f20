"""The door for live events: Socket.IO."""
