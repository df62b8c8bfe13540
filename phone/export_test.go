package phone

// MayGo is for tests of the operator from outside.
var MayGo = mayGo
