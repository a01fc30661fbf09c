/** The style sheet of the HTML report: system fonts, two themes, paper. Contrast is at least 4.5 to 1 in both themes. */
export const reportStyle = `
:root{--page:#f6f7f9;--card:#fff;--ink:#1c2330;--soft:#56607a;--line:#dfe3ea;--code:#eef1f6;--good:#11663a;--good-bg:#e3f4ea;--bad:#a1161f;--bad-bg:#fdeaeb;--wait:#7a4b00;--wait-bg:#fdf2dd}
@media (prefers-color-scheme:dark){:root{--page:#12151b;--card:#1a1f28;--ink:#e6e9f0;--soft:#a3adc2;--line:#2e3643;--code:#242b37;--good:#7fdca6;--good-bg:#15301f;--bad:#ff9ea3;--bad-bg:#3a181c;--wait:#f2c374;--wait-bg:#35280f}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:0 0 .75rem}
h3{font-size:.95rem;margin:1rem 0 .25rem}
.lead{margin:0 0 1.5rem;color:var(--soft);font-size:1.05rem;overflow-wrap:anywhere}
section,figure{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.1rem 1.25rem;margin:0 0 1rem}
.verdict{border-left-width:6px}
.verdict.good{border-left-color:var(--good);background:var(--good-bg)}
.verdict.bad{border-left-color:var(--bad);background:var(--bad-bg)}
.verdict.wait{border-left-color:var(--wait);background:var(--wait-bg)}
.verdict h2{font-size:1.2rem;margin-bottom:.4rem}
ul{margin:0;padding-left:1.2rem}
li{overflow-wrap:anywhere}
figure{text-align:center;overflow-x:auto}
figure img{border-radius:8px;max-width:100%;max-height:34rem;height:auto}
figcaption{color:var(--soft);font-size:.85rem;margin-top:.5rem}
dl{margin:0;display:grid;grid-template-columns:1fr 1fr;gap:.6rem 2rem}
dl div{min-width:0}
dt{color:var(--soft);font-size:.8rem}
dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.88rem}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.8rem}
th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:anywhere;min-width:9rem}
td.short{white-space:nowrap;min-width:0}
tr:last-child td{border-bottom:0}
code,pre{font:.84em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{background:var(--code);border-radius:4px;padding:.08em .3em;overflow-wrap:anywhere}
pre{background:var(--code);border-radius:6px;padding:.75rem;margin:0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.tag{display:inline-block;border-radius:99px;padding:.02rem .55rem;font-size:.8rem;font-weight:600}
.tag.good{color:var(--good);background:var(--good-bg)}
.tag.bad{color:var(--bad);background:var(--bad-bg)}
.tag.wait{color:var(--wait);background:var(--wait-bg)}
.none{color:var(--soft);margin:0}
footer{color:var(--soft);font-size:.9rem;padding:.5rem 1.25rem}
footer p{margin:.2rem 0}
:focus-visible{outline:2px solid var(--soft);outline-offset:2px}
@media (max-width:40rem){dl{grid-template-columns:1fr}main{padding:1.25rem .75rem 2rem}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--code:#f2f2f2;--good:#11663a;--good-bg:#fff;--bad:#a1161f;--bad-bg:#fff;--wait:#7a4b00;--wait-bg:#fff}body{font-size:10.5pt}main{max-width:none;padding:0}section,figure{border-radius:0;border-width:0 0 1px;padding:.6rem 0}.verdict{border-width:1px 1px 1px 6px;padding:.6rem}figure,tr,.verdict,h2{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}.scroll,pre{overflow:visible}td.short{white-space:normal}@page{margin:1.6cm}}
`;
