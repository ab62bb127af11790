# The escaped text of a GPU binary as lines, without the numbers of registers.
s/\\0A/\
/g
s/\\09/ /g
s/LLVMIRToISATimeInMs = [0-9]* : i64, //
s/\\00"/"/
s/%\([a-z]*\)[0-9][0-9]*/%\1/g
s/<[0-9][0-9]*>;/<>;/g
