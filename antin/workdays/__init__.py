"""The working calendar of Vietnam and its arithmetic, with an override table. Law: Labour Code 2019, art. 112."""
