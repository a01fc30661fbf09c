// Inputs arrive as RUNX_INPUT_<NAME>; what is printed is the skill's stdout. No line end is added, so that the next
// step of a graph gets the message as it is.
process.stdout.write(process.env.RUNX_INPUT_MESSAGE ?? "hello, world");
