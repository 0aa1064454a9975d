/// The page's looks.
let pageStyle = #"""
  :root {
    --ink: #24231f; --soft: #6d6a61; --line: #d9d5ca; --paper: #fbfaf6; --free: #efece3;
    --accent: #b3261e; --live: #2f6f9f; --used: #9dbdd6;
    font: 14px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: var(--ink);
    background: var(--paper);
  }
  * { box-sizing: border-box; }
  body { margin: 0; height: 100vh; display: grid; grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr) 330px; }
  header { grid-column: 1 / 3; padding: 12px 18px 8px; border-bottom: 1px solid var(--line); display: flex; gap: 18px; align-items: baseline; flex-wrap: wrap; }
  h1 { font-size: 19px; margin: 0; }
  h2 { font-size: 12px; margin: 16px 0 6px; text-transform: uppercase; letter-spacing: .06em; color: var(--soft); }
  header p { margin: 0; color: var(--soft); }
  #maps { display: flex; gap: 6px; padding: 6px 6px 0 12px; min-height: 0; }
  .panel { flex: 1 1 0; min-width: 0; display: flex; flex-direction: column; }
  .panel h3 { margin: 2px 0 2px 80px; font-size: 14px; font-weight: 600; }
  .panel h3 span { font-weight: 400; color: var(--soft); margin-left: 8px; }
  .stack { position: relative; flex: 1 1 0; min-height: 0; }
  .stack canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
  .stack canvas.over { cursor: crosshair; touch-action: none; outline: none; }
  .stack canvas.over:focus-visible { outline: 2px solid var(--live); outline-offset: -2px; }
  aside { grid-row: 2 / 4; grid-column: 2; border-left: 1px solid var(--line); padding: 4px 16px 16px; overflow-y: auto; }
  #steps { display: flex; gap: 6px; padding: 4px 6px 10px 12px; border-top: 1px solid var(--line); }
  .step { flex: 1 1 0; min-width: 0; }
  .step p { margin: 4px 0; min-height: 1.45em; }
  .step canvas { width: 100%; height: 116px; display: block; }
  dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 1px 10px; }
  dt { color: var(--soft); } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
  dd.wide { grid-column: 1 / 3; text-align: left; padding-left: 10px; }
  .bars { display: grid; grid-template-columns: auto 1fr auto; gap: 2px 8px; font-variant-numeric: tabular-nums; font-size: 12px; }
  .bars i { display: block; height: 11px; margin-top: 3px; background: var(--live); min-width: 1px; }
  .bars span { color: var(--soft); text-align: right; }
  .legend { list-style: none; margin: 0; padding: 0; font-size: 12px; }
  .legend li { display: flex; gap: 7px; align-items: baseline; overflow-wrap: anywhere; }
  .legend i { flex: none; width: 12px; height: 12px; border-radius: 2px; position: relative; top: 1px; }
  fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 4px; }
  button { font: inherit; font-size: 13px; border: 1px solid var(--line); background: #fff; color: var(--ink); border-radius: 5px; padding: 2px 9px; cursor: pointer; }
  button[aria-pressed=true] { background: var(--ink); color: #fff; border-color: var(--ink); }
  kbd { font: 12px ui-monospace, monospace; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px; padding: 0 4px; background: #fff; }
  .keys { display: grid; grid-template-columns: auto 1fr; gap: 3px 10px; font-size: 12px; color: var(--soft); }
  .still { grid-column: 1 / 3; padding: 12px 18px; overflow: auto; }
  .still svg { max-width: 100%; height: auto; }
  @media (max-width: 900px) {
    body { display: block; height: auto; }
    #maps { flex-direction: column; } .stack { flex: none; height: 70vh; }
    aside { border-left: 0; }
  }

  """#
