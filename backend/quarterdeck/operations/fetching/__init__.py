"""Files of other servers, from addresses only that the settings allow."""
