import { seriesColors } from "./theme.ts";

const light = `color-scheme:light;--page:#fff;--card:#f6f7f9;--ink:#1b2127;--soft:#55606b;` +
  `--line:#dde2e7;--accent:#0b5cad;--flag:#8a4b00;${variables(seriesColors.light)}`;
const dark = `color-scheme:dark;--page:#13171b;--card:#1b2026;--ink:#e9edf1;--soft:#a3adb8;` +
  `--line:#323a43;--accent:#7db8f5;--flag:#f2b66d;${variables(seriesColors.dark)}`;

function variables(colors: readonly string[]): string {
  return colors.map((color, i) => `--series-${i}:${color};`).join("");
}

/**
 * The style of a report: one column of cards, tables that become cards on a phone, both themes by the
 * reader's choice, and on paper the light one.
 */
export const style = `
:root{${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;
-webkit-text-size-adjust:100%}
h1,h2,h3,p,li,figcaption{overflow-wrap:anywhere}
main{max-width:1180px;margin:0 auto;padding:2.2rem 1.4rem 4rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .3rem;letter-spacing:-.015em}
h2{font-size:1.45rem;margin:2.6rem 0 .2rem;letter-spacing:-.01em}
h3{font-size:1.1rem;margin:2rem 0 .3rem}
p{margin:.3rem 0 .7rem;max-width:75ch}
.lead,.about,figcaption,.less{color:var(--soft)}
.about,.less,dd,dt{font-size:.9rem}
code{font-family:ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;font-size:.86em;
overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.5rem .6rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--line)}
th:first-child{text-align:left}
thead th{font-size:.84rem;line-height:1.3;font-weight:600;color:var(--soft);vertical-align:bottom;
border-bottom:2px solid var(--soft)}
tbody th{font-weight:600;overflow-wrap:anywhere;min-width:5.5rem}
td small,th small{display:block;color:var(--soft);font-weight:400;font-size:.78rem;white-space:nowrap}
th small{white-space:normal}
td .flag{white-space:normal}
.methods tbody th{min-width:9rem}
.best b{font-weight:800}
.best{background:color-mix(in srgb,var(--accent) 9%,transparent)}
.partial,.none{color:var(--soft);font-style:italic}
.flag{color:var(--flag)}
.terms{columns:2 24rem;gap:0 2rem;margin:.6rem 0;padding:0;list-style:none;font-size:.86rem;
color:var(--soft)}
.terms li{break-inside:avoid;margin:0 0 .25rem}
.terms b{color:var(--ink);font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;list-style:none;margin:.5rem 0 .8rem;padding:0;
font-size:.92rem}
.legend li{display:flex;align-items:center;gap:.4rem;min-width:0}
.legend span{min-width:0}
.legend svg,.key{flex:none;vertical-align:-2px}
.charts{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,346px),1fr))}
.pair{grid-template-columns:repeat(auto-fit,minmax(min(100%,346px),1fr))}
.small{gap:.8rem .6rem;grid-template-columns:repeat(auto-fill,minmax(190px,1fr))}
figure{margin:0;padding:.8rem .8rem .5rem;background:var(--card);border-radius:10px;min-width:0;
break-inside:avoid}
.small figure{padding:.5rem .3rem .2rem}
figcaption{font-size:.92rem;font-weight:600;color:var(--ink);margin:0 .2rem .3rem}
.small figcaption{font-size:.82rem}
figcaption small{font-weight:400;color:var(--soft)}
figure svg{display:block;width:100%;height:auto;max-width:600px;margin:0 auto}
.pair svg{max-width:500px}
figure img{display:block;width:100%;height:auto;image-rendering:auto;border-radius:6px}
svg text{font-family:inherit}
.wide{overflow-x:auto}
details table{font-size:.88rem}
.notes{margin:.9rem 0;padding:.6rem 1rem .6rem 2rem;background:var(--card);border-radius:10px;
border-left:4px solid var(--flag);font-size:.92rem}
details{margin:.8rem 0;border:1px solid var(--line);border-radius:10px;padding:.1rem 1rem}
details[open]{padding-bottom:.8rem}
summary{cursor:pointer;padding:.55rem 0;font-weight:600;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.15rem 1.2rem;margin:.4rem 0}
dt{color:var(--soft);overflow-wrap:anywhere}
dd{margin:0;overflow-wrap:anywhere}
h4{margin:1.2rem 0 .4rem;font-size:.98rem}
h5{margin:.8rem 0 .2rem;font-size:.9rem;color:var(--soft)}
footer{margin-top:3rem;color:var(--soft);font-size:.85rem}
@media screen and (max-width:1000px){
.methods thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.methods,.methods tr,.methods th,.methods td{display:block;width:100%}
.methods tbody{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr))}
.methods tr{background:var(--card);border-radius:10px;padding:.6rem .8rem}
.methods tbody th{min-width:0;border:0;padding:.1rem 0 .4rem;font-size:1.05rem}
.methods td{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;padding:.3rem .2rem;
border-bottom:1px solid var(--line)}
.methods td:last-child{border:0}
.methods td::before{content:attr(data-title);color:var(--soft);font-size:.88rem}
.methods td>span{text-align:right;margin-left:auto}
.methods td small{display:inline;margin-left:.5rem}
}
@media screen and (max-width:720px){
main{padding:1.3rem .9rem 3rem}
h1{font-size:1.55rem}
dl{grid-template-columns:1fr}
dd{margin:0 0 .35rem}
.small{grid-template-columns:repeat(auto-fill,minmax(145px,1fr))}
}
@media print{
body{font-size:10.5pt}
main{max-width:none;padding:0}
.methods tbody th{min-width:0}
.wide{overflow:visible}
.methods th,.methods td,details th,details td{padding:.3rem .25rem;font-size:8pt}
.methods small,details td small{font-size:6.5pt;white-space:normal}
.best{print-color-adjust:exact;-webkit-print-color-adjust:exact}
h2,h3{break-after:avoid}
table,tr,.notes,.legend{break-inside:avoid}
.charts{grid-template-columns:repeat(2,1fr)}
.small{grid-template-columns:repeat(5,1fr)}
figure,.notes{background:none;border:1px solid var(--line)}
}
`.trim();
