//! The city's nouns, dated: divisions, enterprises, monitoring points, devices, factors, limits.
