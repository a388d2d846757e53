"""The inbox: what people are told, in the portal and by mail."""
