"""The server: REST, WebSockets and pages over the sessions, on one port."""
