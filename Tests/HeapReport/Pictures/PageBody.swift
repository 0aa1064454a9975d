/// The page's parts; words in braces are replaced.
let pageBody = #"""
  <header><h1>{title}</h1><p>{about}</p></header>
  <noscript><style>#maps, #steps, aside, body { display: block; } #maps, #steps, aside { display: none; }</style><div class="still"><p>This page draws with a script, which is switched off here; this is the heap as a still picture.</p>
  {still}
  <pre>{summary}</pre></div></noscript>
  <div id="maps"></div>
  <aside>
    <h2>Colour</h2><fieldset id="modes"></fieldset>
    <h2>Under the cursor</h2><div id="details"></div>
    <h2>Free segments by size</h2><div id="histogram"></div>
    <h2>Legend</h2><ul class="legend" id="legend"></ul>
    <h2>Keys</h2>
    <div class="keys">
      <span><kbd>↑</kbd> <kbd>↓</kbd></span><span>an operation back, forward</span>
      <span><kbd>PgUp</kbd> <kbd>PgDn</kbd></span><span>a tenth of the view</span>
      <span><kbd>Home</kbd> <kbd>End</kbd> <kbd>P</kbd></span><span>first, last, peak</span>
      <span><kbd>←</kbd> <kbd>→</kbd></span><span>the segment to the left, right</span>
      <span><kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd></span><span>zoom in, out, show all</span>
      <span><kbd>C</kbd></span><span>next colours</span>
      <span><kbd>Space</kbd></span><span>play</span>
      <span>wheel</span><span>zoom; with <kbd>Shift</kbd> addresses, with <kbd>Ctrl</kbd> time only</span>
      <span>drag</span><span>move; click holds the cursor, <kbd>Esc</kbd> lets it go</span>
    </div>
  </aside>
  <div id="steps"></div>

  """#
