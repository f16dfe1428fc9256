//! Nothing is here: the tests are in `tests`, the programs that they compile in `pass` and `fail`.
