"""HTTP, Socket.IO and consoles."""
