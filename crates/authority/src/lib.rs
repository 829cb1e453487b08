//! Who may do what: until accounts exist, one operator token and one function that decides.
