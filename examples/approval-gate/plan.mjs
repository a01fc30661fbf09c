console.log(JSON.stringify({ parts: ["lamp", "lens cloth"] }));
