// How values of the environment are read.

@export()
@description('A value, or what holds without one. Set but empty counts as not set: a pipeline of azd hands on every variable it knows of, also those that nobody has set.')
func valueOr(value string, fallback string) string => empty(value) ? fallback : value
