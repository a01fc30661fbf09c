const parts = JSON.parse(process.env.RUNX_INPUT_PARTS ?? "[]");
console.log(JSON.stringify({ installed: parts.length }));
