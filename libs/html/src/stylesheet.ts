import { trusted } from './html.js';

/**
 * The one stylesheet of all server-rendered pages: system fonts, one accent, light and dark, no motion, prints well.
 * Plain elements look right without classes; the classes are card, grid, badge, button, notice, muted, stack, row.
 * Text contrast is at least 4.5 to 1 in both schemes (WCAG 2.2, 1.4.3).
 */
export const stylesheet = trusted(`
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1b2330;--muted:#566174;--line:#dde2ea;--field:#8792a5;--accent:#2f56d9;--on-accent:#fff;--accent-soft:#e9eefc;--info:#e9eefc;--info-ink:#20409f;--warn:#fff2d6;--warn-ink:#6d4700;--error:#fde8e8;--error-ink:#9b1c1c;--good:#e1f4e8;--good-ink:#17603a;--shadow:0 1px 2px #1b23300f,0 4px 14px #1b23300a}
.guest{--accent:#8a3d9e;--accent-soft:#f6e9f9;--info:#f6e9f9;--info-ink:#6f2d81}
@media (prefers-color-scheme:dark){:root{--page:#11151c;--card:#1a2029;--ink:#e8ecf2;--muted:#a3aec0;--line:#2e3745;--field:#6b778b;--accent:#8fa8ff;--on-accent:#0d1633;--accent-soft:#222d4d;--info:#1d2948;--info-ink:#bccaff;--warn:#3a2c0c;--warn-ink:#ffd98a;--error:#431c1f;--error-ink:#ffb9b9;--good:#153524;--good-ink:#9fe3bd;--shadow:none}
.guest{--accent:#dc9cee;--on-accent:#2b0f33;--accent-soft:#3b2343;--info:#3b2343;--info-ink:#f0cbfa}}
*,::before,::after{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;padding:.5rem 1rem;background:var(--card)}
.banner{padding:.5rem 1.25rem;background:var(--warn);color:var(--warn-ink);font-size:.9rem;text-align:center}
.top{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;max-width:60rem;margin:0 auto;padding:1.1rem 1.25rem 0}
.top nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-left:auto;font-size:.95rem}
.brand{display:flex;gap:.55rem;align-items:center;color:var(--ink);font-weight:650;letter-spacing:-.01em;text-decoration:none}.brand svg{color:var(--accent)}
main{max-width:60rem;margin:0 auto;padding:1.75rem 1.25rem 4rem}.narrow main,.narrow .top{max-width:30rem}
h1,h2,h3{line-height:1.25;letter-spacing:-.015em;text-wrap:balance}h1{margin:0 0 .5rem;font-size:1.8rem}h2{margin:2.25rem 0 .75rem;font-size:1.2rem}h3{margin:0 0 .25rem;font-size:1rem}
p{margin:0 0 1rem}a{color:var(--accent);text-underline-offset:.15em}.lead{color:var(--muted);font-size:1.06rem;max-width:44rem}.muted,small{color:var(--muted);font-size:.9rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.3rem}
.card{padding:1.25rem;background:var(--card);border:1px solid var(--line);border-radius:.8rem;box-shadow:var(--shadow)}.card+.card{margin-top:1rem}.card>:last-child,.notice>:last-child,details>:last-child{margin-bottom:0}.card>h2:first-child{margin-top:0}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr));gap:1rem;margin:0;padding:0;list-style:none}.grid>.card{display:flex;flex-direction:column;gap:.75rem;margin:0}.grid>.card>*{margin:0}.grid>.card>:last-child{margin-top:auto}
.stack{display:grid;gap:1rem}.stack>*{margin:0}.row{display:flex;flex-wrap:wrap;gap:.4rem .75rem;align-items:center}
.table{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.8rem;box-shadow:var(--shadow)}table{width:100%;border-collapse:collapse}caption{padding:.9rem 1rem 0;text-align:left;font-weight:600}th,td{padding:.65rem 1rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}thead th{border-top:0;color:var(--muted);font-size:.85rem;font-weight:600}tbody th{font-weight:600}.table+form{margin-top:1.5rem}.table time{white-space:nowrap}
.badge{display:inline-block;padding:.08rem .55rem;border-radius:1rem;background:var(--accent-soft);color:var(--info-ink);font-size:.82rem;font-weight:550;line-height:1.5}.badge.plain{background:none;color:var(--muted);box-shadow:inset 0 0 0 1px var(--line)}.badge.good{background:var(--good);color:var(--good-ink)}.badge.warn{background:var(--warn);color:var(--warn-ink)}.badge.error{background:var(--error);color:var(--error-ink)}
.badges{display:flex;flex-wrap:wrap;gap:.35rem;margin:0;padding:0;list-style:none}
dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.45rem 1.25rem;margin:0 0 1rem}dt{color:var(--muted)}dd{margin:0;min-width:0}
label,legend{display:block;margin-bottom:.3rem;font-weight:600}legend{padding:0}fieldset{margin:0 0 1.1rem;padding:0;border:0;min-width:0}.field{margin-bottom:1.1rem}.field small,.option small{display:block;font-weight:400}
input:not([type=checkbox],[type=radio],[type=hidden]),select,textarea{width:100%;min-height:2.75rem;padding:.5rem .75rem;border:1px solid var(--field);border-radius:.5rem;background:var(--card);color:inherit;font:inherit}
input[type=checkbox],input[type=radio]{flex:none;width:1.1rem;height:1.1rem;margin:.22rem 0 0;accent-color:var(--accent)}
.option{display:flex;gap:.65rem;align-items:flex-start;margin:0;padding:.35rem 0;font-weight:400}[aria-invalid=true]{border-color:var(--error-ink)!important}
button,.button{display:inline-flex;justify-content:center;align-items:center;min-height:2.75rem;padding:.45rem 1.15rem;border:1px solid transparent;border-radius:.5rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}button:hover,.button:hover{filter:brightness(1.08)}
.secondary{background:var(--card);border-color:var(--field);color:var(--ink)}.secondary:hover{background:var(--accent-soft);filter:none}.wide{width:100%}
.notice{margin:0 0 1.25rem;padding:.85rem 1.1rem;border-radius:.6rem;background:var(--info);color:var(--info-ink)}.notice.warn{background:var(--warn);color:var(--warn-ink)}.notice.error{background:var(--error);color:var(--error-ink)}.notice.good{background:var(--good);color:var(--good-ink)}.notice a{color:inherit}.notice code{padding:0;background:none}
code,pre{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}code{padding:.1em .35em;border-radius:.3rem;background:var(--accent-soft);overflow-wrap:anywhere}pre{padding:1rem;overflow-x:auto;border:1px solid var(--line);border-radius:.6rem;background:var(--card)}pre code{padding:0;background:none}
summary{cursor:pointer;font-weight:600}details[open]>summary{margin-bottom:1rem}hr{margin:2rem 0;border:0;border-top:1px solid var(--line)}
@media (max-width:30rem){h1{font-size:1.5rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}}
@media (max-width:36rem){.table thead{position:absolute;left:-999rem}.table tr{display:block;padding:.75rem 1rem;border-top:1px solid var(--line)}.table th,.table td{display:block;padding:.1rem 0;border:0}.table [data-label]::before{content:attr(data-label) ' ';color:var(--muted)}}
@media print{body{background:none}.card,.table{box-shadow:none;break-inside:avoid}.top nav,.banner,button{display:none}}
`);
