/// The page's script: decodes the data, draws, and follows mouse and keys.
let pageScript = #"""
  "use strict";
  (() => {
    const started = performance.now();
    const meta = JSON.parse(document.getElementById("meta").textContent);
    const element = (tag, attributes = {}, ...children) => {
      const node = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
      node.append(...children);
      return node;
    };

    // ---- What the numbers mean -------------------------------------------------------------------

    const grouped = (number) => Math.round(number).toString().replace(/\B(?=(\d{3})+$)/g, ",");
    const bytes = (number) => grouped(number) + (number === 1 ? " byte" : " bytes");
    const short = (number) => {
      for (const [unit, size] of [["G", 2 ** 30], ["M", 2 ** 20], ["K", 2 ** 10]]) {
        if (number >= size) return (number / size).toFixed(number < 10 * size && number % size ? 1 : 0) + unit;
      }
      return String(Math.round(number));
    };
    const percent = (part) => (part * 100).toFixed(1) + " %";
    const hex = (number) => "0x" + number.toString(16).padStart(6, "0");

    // ---- Decoding: see PageData.swift --------------------------------------------------------------

    class Bytes {
      constructor(id) {
        const node = document.getElementById(id);
        const text = atob(node.textContent);
        node.remove();
        this.bytes = new Uint8Array(text.length);
        for (let i = 0; i < text.length; i++) this.bytes[i] = text.charCodeAt(i);
        this.next = 0;
      }
      number() {
        let value = 0, scale = 1;
        for (;;) {
          const byte = this.bytes[this.next++];
          value += (byte & 127) * scale;
          if (byte < 128) return value;
          scale *= 128;
        }
      }
      signed() {
        const value = this.number();
        return value % 2 ? -(value + 1) / 2 : value / 2;
      }
    }

    const ALLOCATE = 0, FREE = 1, REALLOCATE = 2, OTHER = 3;

    class History {
      constructor(about, index) {
        Object.assign(this, about);
        const data = new Bytes("data" + index);
        const n = this.lives;
        this.off = new Float64Array(n); this.len = new Float64Array(n); this.asked = new Float64Array(n);
        this.born = new Int32Array(n).fill(-1); this.died = new Int32Array(n).fill(this.steps);
        this.chain = new Uint32Array(n);
        this.kind = new Uint8Array(this.steps); this.first = new Int32Array(this.steps);
        this.second = new Float64Array(this.steps);
        this.time = meta.timed ? new Float64Array(this.steps + 1) : null;
        let count = 0, place = 0;
        const life = (born) => {
          place += data.signed();
          this.off[count] = place * 8;
          this.len[count] = data.number() * 8;
          this.asked[count] = data.number();
          this.chain[count] = data.number();
          this.born[count] = born;
          return count++;
        };
        for (let before = data.number(); before > 0; before--) life(-1);
        for (let step = 0; step < this.steps; step++) {
          const tag = data.number(), kind = tag & 3, rest = Math.floor(tag / 4);
          this.kind[step] = kind;
          if (kind === FREE || kind === REALLOCATE) {
            this.first[step] = count - 1 - rest;
            this.died[this.first[step]] = step;
          }
          if (kind === ALLOCATE) this.first[step] = life(step);
          if (kind === REALLOCATE) this.second[step] = life(step);
          if (kind === OTHER) this.second[step] = rest;
          if (this.time) this.time[step] = (step ? this.time[step - 1] : 0) + data.number() / 10;
        }
        this.samples = [];
        for (let sample = data.number(); sample > 0; sample--) {
          this.samples.push({
            live: data.number(), used: data.number(), free: data.number(),
            largest: data.number(), holes: data.number(),
          });
        }
        this.colour = new Uint8Array(n);
        this.cache = new Map();
      }
      /// The lives that go on after a step, in the order of their places.
      alive(step) {
        if (this.cache.has(step)) return this.cache.get(step);
        const found = [];
        for (let i = 0; i < this.off.length && this.born[i] <= step; i++) {
          if (this.died[i] > step) found.push(i);
        }
        found.sort((a, b) => this.off[a] - this.off[b]);
        if (this.cache.size > 8) this.cache.clear();
        this.cache.set(step, found);
        return found;
      }
      /// Used and free segments after a step, from left to right: {at, len, life}, life -1 where free.
      segments(step) {
        const key = "s" + step;
        if (this.cache.has(key)) return this.cache.get(key);
        const alive = this.alive(step), list = [];
        let next = 0;
        for (const [, start, length] of this.regions) {
          let end = start;
          for (; next < alive.length && this.off[alive[next]] < start + length; next++) {
            const life = alive[next];
            if (this.off[life] > end) list.push({ at: end, len: this.off[life] - end, life: -1 });
            list.push({ at: this.off[life], len: this.len[life], life });
            end = this.off[life] + this.len[life];
          }
          if (end < start + length) list.push({ at: end, len: start + length - end, life: -1 });
        }
        this.cache.set(key, list);
        return list;
      }
      figures(step) {
        const sum = { live: 0, used: 0, count: 0, free: 0, holes: 0, largest: 0, classes: new Map() };
        for (const segment of this.segments(step)) {
          if (segment.life >= 0) {
            sum.live += this.asked[segment.life]; sum.used += segment.len; sum.count++;
          } else {
            sum.free += segment.len; sum.holes++; sum.largest = Math.max(sum.largest, segment.len);
            const size = Math.ceil(Math.log2(segment.len));
            const known = sum.classes.get(size) || { count: 0, bytes: 0 };
            sum.classes.set(size, { count: known.count + 1, bytes: known.bytes + segment.len });
          }
        }
        return sum;
      }
      address(offset) {
        const region = this.regions.findLast(([, start]) => start <= offset) || this.regions[0];
        if (!region) return hex(0);
        return "0x" + (BigInt("0x" + region[0]) + BigInt(Math.round(offset - region[1]))).toString(16).padStart(meta.recorded ? 8 : 6, "0");
      }
      callers(life) { return this.chains[this.chain[life]].map((name) => meta.names[name]); }
      when(step) {
        if (step < 0) return "before the first operation";
        return "operation " + grouped(step + 1) + (this.time ? ", " + microseconds(this.time[Math.min(step, this.steps - 1)]) : "");
      }
    }
    const microseconds = (time) =>
      time < 1000 ? time.toFixed(1) + " µs" : time < 1e6 ? (time / 1000).toFixed(2) + " ms" : (time / 1e6).toFixed(3) + " s";

    const histories = meta.histories.map((about, index) => new History(about, index));
    const stepCount = Math.max(1, ...histories.map((history) => history.steps));
    const width = Math.max(16, ...histories.map((history) => history.byteCount));

    // ---- Colours ---------------------------------------------------------------------------------

    const rgb = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
    const css = (colour) => `rgb(${colour.map(Math.round).join(",")})`;
    const ramp = (stops, part) => {
      const place = Math.min(Math.max(part, 0), 1) * (stops.length - 1), low = Math.min(Math.floor(place), stops.length - 2);
      return stops[low].map((from, channel) => from + (stops[low + 1][channel] - from) * (place - low));
    };
    const sizeStops = ["#1d8a7d", "#3a86c8", "#5e60ce", "#9d4edd", "#d6336c", "#f76707", "#f2b705"].map(rgb);
    const ageStops = ["#f6c453", "#e8743b", "#b5446e", "#5b3f8c", "#20335c"].map(rgb);
    const callerColours = ["#3a6ea5", "#e07b39", "#4f9d69", "#c8473d", "#8467b0", "#8c6148", "#d884b4", "#b5a22b", "#2fa5b8", "#1f4e79", "#a3541f", "#5f7f2f"].map(rgb);
    const paper = rgb("#efece3"), other = rgb("#b3afa5");
    const sizeClass = (length) => Math.min(Math.max(Math.ceil(Math.log2(length)) - 4, 0), 16);
    const classes = Array.from({ length: 17 }, (_, index) => ramp(sizeStops, index / 14));

    const modes = {
      size: {
        palette: classes,
        of: (history) => (life) => sizeClass(history.len[life]),
        legend: (present) => classes.map((colour, index) => [colour,
          (index === 16 ? "more than " + short(2 ** 19) : index === 0 ? "up to 16"
          : short(2 ** (index + 3) + (index < 7 ? 1 : 0)) + " to " + short(2 ** (index + 4))) + " bytes"])
          .filter((_, index) => present.has(index)),
      },
      lifetime: {
        palette: [...Array.from({ length: 16 }, (_, index) => ramp(ageStops, index / 15)), rgb("#7d7a72")],
        of: (history) => (life) => history.died[life] >= history.steps ? 16
          : Math.min(15, Math.floor(15 * Math.log(history.died[life] - history.born[life]) / Math.log(stepCount + 1))),
        legend: (present) => [...[0, 5, 10, 15].map((index) => [modes.lifetime.palette[index],
          "about " + grouped(Math.max(1, Math.exp(index / 15 * Math.log(stepCount + 1)))) + " operations"]),
        [modes.lifetime.palette[16], "still there at the end"]].filter((_, index) => index < 4 || present.has(16)),
      },
      caller: {
        palette: [...callerColours, other],
        of: (history) => {
          const rank = history.topChains;
          return (life) => rank.has(history.chain[life]) ? rank.get(history.chain[life]) : callerColours.length;
        },
        legend: (present) => histories.flatMap((history) => [...history.topChains].map(([chain, index]) => [callerColours[index],
          history.chains[chain].map((name) => meta.names[name])[0] || "unknown caller"]))
          .concat(present.has(callerColours.length) ? [[other, "others"]] : []),
      },
    };
    for (const history of histories) {
      const sums = new Map();
      for (let i = 0; i < history.off.length; i++) sums.set(history.chain[i], (sums.get(history.chain[i]) || 0) + history.asked[i]);
      const top = [...sums].sort((a, b) => b[1] - a[1]).slice(0, callerColours.length);
      history.topChains = new Map(top.map(([chain], index) => [chain, index]));
    }

    // ---- The page --------------------------------------------------------------------------------

    const maps = document.getElementById("maps"), steps = document.getElementById("steps");
    const view = { x0: 0, x1: width, y0: 0, y1: stepCount };
    const cursor = { step: stepCount - 1, at: 0, pinned: false };
    let mode = meta.recorded ? "caller" : "size", playing = 0;
    const margin = { left: 80, top: 58, bottom: 34, right: histories.length > 1 ? 140 : 176 };

    const panels = histories.map((history) => {
      const base = element("canvas"), over = element("canvas", { class: "over", tabindex: 0, "aria-label": "Map of the heap: address across, time down. Keys are listed beside it." });
      const peak = history.samples.reduce((most, sample) => Math.max(most, sample.live), 0);
      maps.append(element("div", { class: "panel" },
        element("h3", {}, history.name, element("span", {}, `${bytes(history.byteCount)} used at most, ${grouped(peak)} live at the peak`)),
        element("div", { class: "stack" }, base, over)));
      const text = element("p"), drawing = element("canvas");
      steps.append(element("div", { class: "step" }, text, drawing));
      return { history, base, over, text, drawing, box: null };
    });

    const fit = (canvas) => {
      const scale = Math.min(window.devicePixelRatio || 1, 2);
      const box = canvas.getBoundingClientRect();
      const [w, h] = [Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale))];
      if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
      const context = canvas.getContext("2d");
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, box.width, box.height);
      context.font = "12px system-ui, 'DejaVu Sans', sans-serif";
      context.textBaseline = "middle";
      return { context, scale, w: box.width, h: box.height };
    };
    const mapBox = (w, h) => ({ x: margin.left, y: margin.top, w: Math.max(10, w - margin.left - margin.right), h: Math.max(10, h - margin.top - margin.bottom) });

    /// The map's pixels: each is the mean colour of what it covers, so nothing is left out at any scale.
    const raster = (history, w, h) => {
      const sums = new Float32Array(w * h * 4), palette = modes[mode].palette;
      const sx = w / (view.x1 - view.x0), sy = h / (view.y1 - view.y0);
      const { off, len, born, died, colour } = history;
      for (let i = 0; i < off.length; i++) {
        if (born[i] >= view.y1) break;
        if (died[i] <= view.y0) continue;
        const left = Math.max(0, (off[i] - view.x0) * sx), right = Math.min(w, (off[i] + len[i] - view.x0) * sx);
        if (right <= left) continue;
        const top = Math.max(0, (born[i] - view.y0) * sy), bottom = Math.min(h, (died[i] - view.y0) * sy);
        const [r, g, b] = palette[colour[i]];
        const lastX = Math.ceil(right), lastY = Math.ceil(bottom);
        for (let y = Math.floor(top); y < lastY; y++) {
          const part = Math.min(bottom, y + 1) - Math.max(top, y);
          let at = (y * w + Math.floor(left)) * 4;
          for (let x = Math.floor(left); x < lastX; x++, at += 4) {
            const weight = part * (Math.min(right, x + 1) - Math.max(left, x));
            sums[at] += r * weight; sums[at + 1] += g * weight; sums[at + 2] += b * weight; sums[at + 3] += weight;
          }
        }
      }
      const image = new ImageData(w, h), pixels = image.data;
      for (let at = 0; at < sums.length; at += 4) {
        const rest = Math.max(0, 1 - sums[at + 3]);
        pixels[at] = sums[at] + paper[0] * rest; pixels[at + 1] = sums[at + 1] + paper[1] * rest;
        pixels[at + 2] = sums[at + 2] + paper[2] * rest; pixels[at + 3] = 255;
      }
      return image;
    };

    const ticks = (from, to, most, base) => {
      let size = 1;
      const span = to - from;
      const next = base === 2 ? (step) => step * 2 : (step) => { const lead = step / 10 ** Math.floor(Math.log10(step) + 1e-9); return step * (lead < 1.5 ? 2 : lead < 3 ? 2.5 : 2); };
      if (base === 2) size = 16;
      while (span / size > most) size = next(size);
      size = Math.ceil(size);
      const list = [];
      for (let tick = Math.ceil(from / size) * size; tick <= to; tick += size) list.push(tick);
      return list;
    };

    const drawBase = (panel) => {
      const { history, base } = panel;
      const { context, scale, w, h } = fit(base);
      const box = panel.box = mapBox(w, h);
      const pw = Math.round(box.w * scale), ph = Math.round(box.h * scale);
      context.putImageData(raster(history, pw, ph), Math.round(box.x * scale), Math.round(box.y * scale));
      context.strokeStyle = "#a5a196"; context.lineWidth = 1;
      context.strokeRect(box.x - .5, box.y - .5, box.w + 1, box.h + 1);
      outline(panel, context, box);

      context.fillStyle = "#6d6a61"; context.textAlign = "right";
      for (const tick of ticks(view.y0, view.y1, box.h / 46, 10)) {
        const y = box.y + (tick - view.y0) / (view.y1 - view.y0) * box.h;
        context.fillRect(box.x - 5, y - .5, 4, 1);
        context.fillText(grouped(tick), box.x - 8, y);
      }
      context.save(); context.translate(10, box.y + box.h / 2); context.rotate(-Math.PI / 2);
      context.textAlign = "center"; context.fillText("operations: time goes down", 0, 0); context.restore();
      context.textAlign = "center";
      for (const tick of ticks(view.x0, view.x1, box.w / 78, 2)) {
        const x = box.x + (tick - view.x0) / (view.x1 - view.x0) * box.w;
        context.fillRect(x - .5, box.y + box.h + 1, 1, 4);
        context.fillText(meta.recorded ? history.address(tick) : tick ? short(tick) : "0", x, box.y + box.h + 13);
      }
      context.fillText(meta.recorded ? "address" : "bytes from the first segment", box.x + box.w / 2, box.y + box.h + 27);
      drawRegions(panel, context, box);
      drawCurves(panel, context, box, w);
    };

    /// White lines between segments that are large enough to be told apart.
    const outline = ({ history }, context, box) => {
      const sx = box.w / (view.x1 - view.x0), sy = box.h / (view.y1 - view.y0);
      const large = [];
      for (let i = 0; i < history.off.length && history.born[i] < view.y1; i++) {
        if (history.died[i] > view.y0 && history.len[i] * sx >= 5 && (history.died[i] - history.born[i]) * sy >= 5
          && history.off[i] < view.x1 && history.off[i] + history.len[i] > view.x0) large.push(i);
        if (large.length > 4000) return;
      }
      context.save(); context.beginPath(); context.rect(box.x, box.y, box.w, box.h); context.clip();
      context.strokeStyle = "rgba(255,255,255,.75)"; context.lineWidth = .7;
      for (const i of large) {
        context.strokeRect(box.x + (history.off[i] - view.x0) * sx, box.y + (history.born[i] - view.y0) * sy,
          history.len[i] * sx, (Math.min(history.died[i], view.y1 + 9) - history.born[i]) * sy);
      }
      context.restore();
    };

    const drawRegions = ({ history }, context, box) => {
      context.strokeStyle = "#24231f"; context.setLineDash([4, 3]);
      for (const [, start] of history.regions.slice(1)) {
        const x = box.x + (start - view.x0) / (view.x1 - view.x0) * box.w;
        if (x < box.x || x > box.x + box.w) continue;
        context.beginPath(); context.moveTo(x, box.y); context.lineTo(x, box.y + box.h); context.stroke();
      }
      context.setLineDash([]);
    };

    /// Live and used bytes, the peak so far, and fragmentation, beside the map and on its time axis.
    const drawCurves = ({ history }, context, box) => {
      const area = { x: box.x + box.w + 16, w: margin.right - 26 };
      context.fillStyle = "#f4f2ec"; context.fillRect(area.x, box.y, area.w, box.h);
      const { samples } = history;
      if (!samples.length) return;
      const most = Math.max(1, ...histories.map((history) => history.byteCount));
      const y = (index) => box.y + ((index + 1) * history.stride - view.y0) / (view.y1 - view.y0) * box.h;
      const line = (value, style, fill) => {
        context.beginPath();
        let first = true;
        samples.forEach((sample, index) => {
          const px = area.x + value(sample, index) * area.w, py = y(Math.min(index, (history.steps / history.stride) - 1));
          if (first && fill) { context.moveTo(area.x, py); context.lineTo(px, py); } else if (first) context.moveTo(px, py); else context.lineTo(px, py);
          first = false;
        });
        if (fill) { context.lineTo(area.x, y(samples.length - 1)); context.closePath(); context.fillStyle = style; context.fill(); }
        else { context.strokeStyle = style; context.lineWidth = 1.3; context.stroke(); }
      };
      context.save(); context.beginPath(); context.rect(area.x, box.y, area.w, box.h); context.clip();
      line((sample) => sample.used / most, "#cfdfea", true);
      line((sample) => sample.live / most, "#8fb4cf", true);
      let peak = 0;
      const peaks = samples.map((sample) => (peak = Math.max(peak, sample.live)));
      line((_, index) => peaks[index] / most, "#24231f");
      line((sample) => sample.free ? 1 - sample.largest / sample.free : 0, "#b3261e");
      context.restore();
      context.strokeStyle = "#a5a196"; context.lineWidth = 1; context.strokeRect(area.x - .5, box.y - .5, area.w + 1, box.h + 1);
      context.textAlign = "left";
      const key = (x, y, style, text) => { context.fillStyle = style; context.fillRect(area.x + x, y - 4, 9, 9); context.fillStyle = "#45433d"; context.fillText(text, area.x + x + 13, y); };
      key(0, 14, "#8fb4cf", "live"); key(48, 14, "#cfdfea", "in use"); key(0, 30, "#24231f", "peak of live"); key(0, 46, "#b3261e", "fragmentation");
      context.fillStyle = "#6d6a61"; context.textAlign = "left"; context.fillText("0", area.x, box.y + box.h + 13);
      context.textAlign = "right"; context.fillText(short(most) + " / 100 %", area.x + area.w, box.y + box.h + 13);
    };

    /// The cursor, and above the map the heap as it is at the cursor's time.
    const drawOver = (panel) => {
      const { history, over, box } = panel;
      const { context } = fit(over);
      const step = Math.min(cursor.step, history.steps - 1);
      const sx = box.w / (view.x1 - view.x0);
      const strip = { y: 24, h: 26 };
      context.fillStyle = "#45433d"; context.textAlign = "left";
      context.fillText("the heap after " + history.when(step), box.x, 12);
      context.fillStyle = css(paper); context.fillRect(box.x, strip.y, box.w, strip.h);
      context.save(); context.beginPath(); context.rect(box.x, strip.y, box.w, strip.h); context.clip();
      const palette = modes[mode].palette;
      for (const life of history.alive(step)) {
        const x = box.x + (history.off[life] - view.x0) * sx, w = history.len[life] * sx;
        if (x + w < box.x || x > box.x + box.w) continue;
        context.fillStyle = css(palette[history.colour[life]]);
        context.fillRect(x, strip.y, w > 4 ? w - .7 : w, strip.h);
      }
      context.restore();
      context.strokeStyle = "#a5a196"; context.strokeRect(box.x - .5, strip.y - .5, box.w + 1, strip.h + 1);

      const y = box.y + (step + 1 - view.y0) / (view.y1 - view.y0) * box.h;
      const x = box.x + (cursor.at - view.x0) * sx;
      context.strokeStyle = "rgba(20,19,15,.8)"; context.lineWidth = 1;
      context.beginPath();
      if (y >= box.y && y <= box.y + box.h) { context.moveTo(box.x, y); context.lineTo(box.x + box.w + margin.right - 10, y); }
      if (x >= box.x && x <= box.x + box.w) { context.moveTo(x, strip.y); context.lineTo(x, box.y + box.h); }
      context.stroke();
      const found = under(history);
      if (found && found.life >= 0) {
        const { life } = found, sy = box.h / (view.y1 - view.y0);
        context.save(); context.beginPath(); context.rect(box.x, box.y, box.w, box.h); context.clip();
        const rect = [box.x + (history.off[life] - view.x0) * sx, box.y + (history.born[life] - view.y0) * sy, Math.max(1.5, history.len[life] * sx), Math.max(1.5, (history.died[life] - history.born[life]) * sy)];
        context.strokeStyle = "#fff"; context.lineWidth = 4; context.strokeRect(...rect);
        context.strokeStyle = "#14130f"; context.lineWidth = 2; context.strokeRect(...rect);
        context.restore();
      }
    };

    const under = (history) => {
      const step = Math.min(cursor.step, history.steps - 1);
      return history.segments(step).find((segment) => segment.at <= cursor.at && cursor.at < segment.at + segment.len);
    };

    // ---- One step: what was split or merged --------------------------------------------------------

    const changed = (history, step) => {
      const kind = history.kind[step], first = history.first[step];
      if (kind === ALLOCATE) return { text: `allocate ${bytes(history.asked[first])}`, lives: [first] };
      if (kind === FREE) return { text: `free ${history.address(history.off[first] + history.payloadOffset)} (${bytes(history.asked[first])})`, lives: [first] };
      if (kind === REALLOCATE) {
        const second = history.second[step];
        return { text: `reallocate ${bytes(history.asked[first])} to ${grouped(history.asked[second])}`, lives: [first, second] };
      }
      return { text: history.second[step] ? `allocate ${bytes(history.second[step] - 1)}: refused, there was no memory` : "nothing changed", lives: [] };
    };

    const explain = (history, step, before) => {
      const kind = history.kind[step], life = history.first[step];
      const at = history.off[life], end = at + history.len[life];
      const free = (test) => before.find((segment) => segment.life < 0 && test(segment));
      if (kind === ALLOCATE) {
        const hole = free((segment) => segment.at <= at && at < segment.at + segment.len);
        if (!hole) return "";
        const isEnd = history.regions.some(([, start, length]) => start + length === hole.at + hole.len);
        if (isEnd) return ": taken from the free end of the heap";
        if (hole.len === history.len[life]) return `: an exact fit, the free segment of ${bytes(hole.len)} is used whole`;
        return `: a free segment of ${bytes(hole.len)} is split, ${grouped(hole.len - history.len[life])} stay free`;
      }
      if (kind === FREE) {
        const left = free((segment) => segment.at + segment.len === at), right = free((segment) => segment.at === end);
        const sum = history.len[life] + (left ? left.len : 0) + (right ? right.len : 0);
        if (!left && !right) return ": both neighbours are in use, nothing is merged";
        if (history.regions.some(([, start, length]) => start + length === at - (left ? left.len : 0) + sum))
          return left ? ": merged with its left neighbour into the free end of the heap" : ": merged into the free end of the heap";
        return `: merged with its ${left && right ? "neighbours on both sides" : left ? "left neighbour" : "right neighbour"} into a free segment of ${bytes(sum)}`;
      }
      if (kind === REALLOCATE) {
        const second = history.second[step];
        if (history.off[second] !== at) return ": moved";
        const change = history.len[second] - history.len[life];
        return change > 0 ? ": grown where it is, into its right neighbour" : change < 0 ? ": shrunk where it is, the rest is free" : ": its segment is large enough already";
      }
      return "";
    };

    const drawStep = (panel) => {
      const { history, text, drawing } = panel;
      const { context, w, h } = fit(drawing);
      if (!history.steps) { text.textContent = "no operations"; return; }
      const step = Math.min(cursor.step, history.steps - 1);
      const before = history.segments(step - 1), after = history.segments(step);
      const change = changed(history, step);
      text.replaceChildren(element("b", {}, `Operation ${grouped(step + 1)}`), ` ${change.text}${explain(history, step, before)}`);
      const spans = [];
      for (const life of change.lives) {
        const from = history.off[life], to = from + history.len[life];
        const range = around(before, after, from, to);
        const last = spans[spans.length - 1];
        if (last && range[0] < last[1] && range[1] > last[0]) { last[0] = Math.min(last[0], range[0]); last[1] = Math.max(last[1], range[1]); } else spans.push(range);
      }
      spans.sort((a, b) => a[0] - b[0]);
      const left = 80, gap = 26, each = (w - left - 16 - gap * Math.max(0, spans.length - 1)) / Math.max(1, spans.length);
      context.fillStyle = "#6d6a61"; context.textAlign = "right";
      if (spans.length) { context.fillText("before", left - 8, 24); context.fillText("after", left - 8, 76); }
      spans.forEach((span, index) => drawSpan(history, context, before, after, span, change.lives, left + index * (each + gap), each));
    };

    /// The place of a change with two segments on each side, but not all of a huge neighbour.
    const around = (before, after, from, to) => {
      let [low, high] = [from, to];
      for (const list of [before, after]) {
        const first = list.findIndex((segment) => segment.at + segment.len > from);
        let last = first;
        while (last + 1 < list.length && list[last + 1].at < to) last++;
        if (first < 0) continue;
        low = Math.min(low, list[Math.max(0, first - 2)].at);
        const end = list[Math.min(list.length - 1, last + 2)];
        high = Math.max(high, end.at + end.len);
      }
      return [low, high];
    };

    const drawSpan = (history, context, before, after, [low, high], lives, x, w) => {
      // Both rows share one scale in which wide pieces are drawn narrower: the root of their size.
      const edges = new Set([low, high]);
      const inside = (segment) => segment.at < high && segment.at + segment.len > low;
      const rows = [before.filter(inside), after.filter(inside)];
      for (const row of rows) for (const segment of row) { edges.add(Math.max(low, segment.at)); edges.add(Math.min(high, segment.at + segment.len)); }
      const sorted = [...edges].sort((a, b) => a - b);
      const places = new Map([[sorted[0], 0]]);
      let sum = 0;
      for (let i = 1; i < sorted.length; i++) { sum += Math.sqrt(sorted[i] - sorted[i - 1]); places.set(sorted[i], sum); }
      const px = (offset) => x + places.get(offset) / sum * w;
      context.textAlign = "center";
      rows.forEach((row, index) => {
        const y = index * 52 + 8, h = 32;
        for (const segment of row) {
          const from = px(Math.max(low, segment.at)), to = px(Math.min(high, segment.at + segment.len));
          const isChanged = segment.life >= 0 && lives.includes(segment.life);
          context.fillStyle = segment.life < 0 ? css(paper) : css(modes[mode].palette[history.colour[segment.life]]);
          context.fillRect(from, y, to - from, h);
          context.strokeStyle = isChanged ? "#14130f" : "#fff"; context.lineWidth = isChanged ? 2.5 : 1;
          context.strokeRect(from + .5, y + .5, to - from - 1, h - 1);
          if (segment.life < 0) { context.strokeStyle = "#a5a196"; context.setLineDash([3, 3]); context.strokeRect(from + .5, y + .5, to - from - 1, h - 1); context.setLineDash([]); }
          const label = grouped(segment.len);
          if (context.measureText(label).width + 6 < to - from) {
            const [r, g, b] = segment.life < 0 ? paper : modes[mode].palette[history.colour[segment.life]];
            context.fillStyle = .3 * r + .59 * g + .11 * b > 150 ? "#24231f" : "#fff";
            context.fillText(label, (from + to) / 2, y + h / 2 - (to - from > 60 && h > 30 ? 6 : 0));
            if (to - from > 60) context.fillText(segment.life < 0 ? "free" : "in use", (from + to) / 2, y + h / 2 + 8);
          }
        }
      });
      context.strokeStyle = "#c9c5ba"; context.lineWidth = 1;
      for (const edge of sorted) { context.beginPath(); context.moveTo(px(edge), 41); context.lineTo(px(edge), 59); context.stroke(); }
      context.fillStyle = "#6d6a61"; context.textAlign = "left"; context.fillText(history.address(low), x, 104);
      context.textAlign = "right"; if (w > 160) context.fillText(history.address(high), x + w, 104);
    };

    // ---- What stands beside it -----------------------------------------------------------------------

    const details = document.getElementById("details"), histogram = document.getElementById("histogram");
    const pair = (list, name, value) => list.append(element("dt", {}, name), element("dd", {}, value));

    const describe = () => {
      details.replaceChildren();
      for (const { history } of panels) {
        if (!history.steps) continue;
        const step = Math.min(cursor.step, history.steps - 1), found = under(history), list = element("dl", { "data-of": history.name });
        if (panels.length > 1) list.append(element("dt", {}, element("b", {}, history.name)), element("dd"));
        if (!found) pair(list, "segment", "none");
        else if (found.life < 0) { pair(list, "free segment", bytes(found.len)); pair(list, "at", history.address(found.at)); } else {
          const { life } = found;
          pair(list, "segment", bytes(found.len)); pair(list, "asked for", bytes(history.asked[life]));
          pair(list, "payload at", history.address(found.at + history.payloadOffset));
          pair(list, "born", history.when(history.born[life]));
          pair(list, "died", history.died[life] >= history.steps ? "still there at the end" : history.when(history.died[life]));
          if (history.died[life] < history.steps && history.born[life] >= 0) pair(list, "lived for", grouped(history.died[life] - history.born[life]) + " operations");
          if (meta.recorded) {
            list.append(element("dt", {}, "asked by"), element("dd"));
            const callers = history.callers(life);
            for (const caller of callers.length ? callers : ["unknown caller"]) list.append(element("dd", { class: "wide" }, caller));
          }
        }
        const figures = history.figures(step);
        pair(list, "live", bytes(figures.live)); pair(list, "in use", `${bytes(figures.used)} in ${grouped(figures.count)}`);
        pair(list, "free", `${bytes(figures.free)} in ${grouped(figures.holes)}`); pair(list, "largest free", bytes(figures.largest));
        pair(list, "fragmentation", percent(figures.free ? 1 - figures.largest / figures.free : 0));
        details.append(list);
        history.now = figures;
      }
      histogram.replaceChildren();
      for (const { history } of panels) {
        if (!history.now) continue;
        if (panels.length > 1) histogram.append(element("b", {}, history.name));
        const bars = element("div", { class: "bars" }), sizes = [...history.now.classes.keys()].sort((a, b) => a - b);
        const most = Math.max(1, ...[...history.now.classes.values()].map((entry) => entry.count));
        for (const size of sizes) {
          const { count, bytes: sum } = history.now.classes.get(size);
          bars.append(element("span", {}, "to " + short(2 ** size)), element("i", { style: `width:${count / most * 100}%` }), element("span", {}, `${grouped(count)} · ${short(sum)}`));
        }
        if (!sizes.length) bars.append(element("span", {}, "nothing is free"));
        histogram.append(bars);
      }
    };

    // ---- Putting it together -------------------------------------------------------------------------

    let wanted = 0;
    const BASE = 1, OVER = 2;
    const draw = (what) => {
      if (!wanted) requestAnimationFrame(paint);
      wanted |= what;
    };
    const paint = () => {
      const what = wanted;
      wanted = 0;
      if (what & BASE) panels.forEach(drawBase);
      panels.forEach((panel) => { drawOver(panel); drawStep(panel); });
      describe();
    };
    const setMode = (name) => {
      mode = name;
      const present = new Set();
      for (const history of histories) {
        const of = modes[mode].of(history);
        for (let i = 0; i < history.off.length; i++) present.add(history.colour[i] = of(i));
      }
      document.querySelectorAll("#modes button").forEach((button) => button.setAttribute("aria-pressed", button.value === mode));
      document.getElementById("legend").replaceChildren(...modes[mode].legend(present).map(([colour, text]) =>
        element("li", {}, element("i", { style: "background:" + css(colour) }), text)),
      element("li", {}, element("i", { style: "background:" + css(paper) + ";outline:1px dashed #a5a196" }), "free"));
      draw(BASE);
    };
    const clampView = () => {
      for (const [low, high, limit, least] of [["x0", "x1", width, 64], ["y0", "y1", stepCount, 4]]) {
        const span = Math.min(Math.max(view[high] - view[low], Math.min(least, limit)), limit);
        view[low] = Math.min(Math.max(view[low], 0), limit - span);
        view[high] = view[low] + span;
      }
    };
    const zoom = (factor, x, y, axes = "xy") => {
      if (axes.includes("x")) { view.x0 = x - (x - view.x0) * factor; view.x1 = x + (view.x1 - x) * factor; }
      if (axes.includes("y")) { view.y0 = y - (y - view.y0) * factor; view.y1 = y + (view.y1 - y) * factor; }
      clampView();
      draw(BASE);
    };
    /// Moves the cursor; the view follows where it would leave it.
    const go = (step, at = cursor.at) => {
      cursor.step = Math.min(Math.max(Math.round(step), 0), stepCount - 1);
      cursor.at = Math.min(Math.max(at, 0), width - 1);
      const before = { ...view }, [tall, wide] = [view.y1 - view.y0, view.x1 - view.x0];
      if (cursor.step < view.y0 || cursor.step + 1 > view.y1) { view.y0 = cursor.step - tall / 2; view.y1 = view.y0 + tall; }
      if (cursor.at < view.x0 || cursor.at > view.x1) { view.x0 = cursor.at - wide / 2; view.x1 = view.x0 + wide; }
      clampView();
      draw(before.x0 === view.x0 && before.y0 === view.y0 ? OVER : BASE);
    };
    /// To the place that a step changed, so that it lies under the cursor.
    const goToChange = (step) => {
      const history = histories[0], place = Math.min(Math.max(step, 0), history.steps - 1);
      const lives = history.steps ? changed(history, place).lives : [];
      go(step, lives.length ? history.off[lives[lives.length - 1]] + 8 : cursor.at);
      cursor.pinned = true;
    };
    const neighbour = (direction) => {
      const history = histories[0], list = history.segments(Math.min(cursor.step, history.steps - 1));
      const index = list.findIndex((segment) => segment.at <= cursor.at && cursor.at < segment.at + segment.len);
      const next = list[Math.min(Math.max(index + direction, 0), list.length - 1)];
      if (next) go(cursor.step, next.at + Math.min(8, next.len / 2));
      cursor.pinned = true;
    };
    const peakStep = () => histories[0].peak;
    const play = () => {
      if (playing) { clearInterval(playing); playing = 0; return; }
      playing = setInterval(() => {
        if (cursor.step >= stepCount - 1) play(); else goToChange(cursor.step + Math.max(1, Math.round((view.y1 - view.y0) / 600)));
      }, 120);
    };
    const reset = () => { Object.assign(view, { x0: 0, x1: width, y0: 0, y1: stepCount }); draw(BASE); };

    const keys = {
      ArrowDown: () => goToChange(cursor.step + 1), ArrowUp: () => goToChange(cursor.step - 1),
      ArrowLeft: () => neighbour(-1), ArrowRight: () => neighbour(1),
      PageDown: () => goToChange(cursor.step + Math.ceil((view.y1 - view.y0) / 10)), PageUp: () => goToChange(cursor.step - Math.ceil((view.y1 - view.y0) / 10)),
      Home: () => goToChange(0), End: () => goToChange(stepCount - 1), p: () => goToChange(peakStep()),
      "+": () => zoom(.5, cursor.at, cursor.step), "=": () => zoom(.5, cursor.at, cursor.step), "-": () => zoom(2, cursor.at, cursor.step),
      0: reset, " ": play, Escape: () => { cursor.pinned = false; if (playing) play(); },
      c: () => { const names = Object.keys(modes).filter((name) => name !== "caller" || meta.recorded); setMode(names[(names.indexOf(mode) + 1) % names.length]); },
    };
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      if (event.target.tagName === "BUTTON" && event.key === " ") return;
      event.preventDefault();
      keys[event.key]();
    });
    const pointer = (panel, event) => {
      const box = panel.over.getBoundingClientRect(), map = panel.box;
      return {
        at: view.x0 + (event.clientX - box.left - map.x) / map.w * (view.x1 - view.x0),
        step: Math.floor(view.y0 + (event.clientY - box.top - map.y) / map.h * (view.y1 - view.y0)),
      };
    };
    const inside = ({ at, step }) => at >= view.x0 && at <= view.x1 && step >= view.y0 - 1 && step <= view.y1;
    for (const panel of panels) {
      let drag = null;
      panel.over.addEventListener("pointerdown", (event) => {
        drag = { x: event.clientX, y: event.clientY, view: { ...view }, moved: false };
        panel.over.setPointerCapture(event.pointerId);
      });
      panel.over.addEventListener("pointermove", (event) => {
        const place = pointer(panel, event);
        if (drag) {
          const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
          if (Math.abs(dx) + Math.abs(dy) > 3) drag.moved = true;
          if (!drag.moved) return;
          const [px, py] = [(drag.view.x1 - drag.view.x0) / panel.box.w, (drag.view.y1 - drag.view.y0) / panel.box.h];
          Object.assign(view, { x0: drag.view.x0 - dx * px, x1: drag.view.x1 - dx * px, y0: drag.view.y0 - dy * py, y1: drag.view.y1 - dy * py });
          clampView();
          draw(BASE);
        } else if (!cursor.pinned && inside(place)) go(place.step, place.at);
      });
      panel.over.addEventListener("pointerup", (event) => {
        const place = pointer(panel, event);
        if (drag && !drag.moved && inside(place)) { cursor.pinned = !cursor.pinned || event.shiftKey; go(place.step, place.at); }
        drag = null;
      });
      panel.over.addEventListener("dblclick", (event) => { const place = pointer(panel, event); zoom(.25, place.at, place.step); });
      panel.over.addEventListener("wheel", (event) => {
        event.preventDefault();
        const place = pointer(panel, event);
        zoom(Math.exp(Math.max(-80, Math.min(80, event.deltaY || event.deltaX)) / 240), place.at, place.step, event.shiftKey ? "x" : event.ctrlKey ? "y" : "xy");
      }, { passive: false });
    }
    for (const name of Object.keys(modes)) {
      if (name === "caller" && !meta.recorded) continue;
      const button = element("button", { value: name, type: "button" }, name);
      button.addEventListener("click", () => setMode(name));
      document.getElementById("modes").append(button);
    }
    addEventListener("resize", () => draw(BASE));

    // A link may name a place: #operation=120&offset=0x340
    const place = new URLSearchParams(location.hash.slice(1));
    cursor.step = Math.max(0, peakStep());
    if (place.has("operation")) { cursor.step = Math.min(Math.max(Number(place.get("operation")) - 1, 0), stepCount - 1); cursor.pinned = true; }
    for (const life of histories[0].steps ? changed(histories[0], Math.min(cursor.step, histories[0].steps - 1)).lives : []) cursor.at = histories[0].off[life] + 8;
    if (place.has("offset")) cursor.at = Number(place.get("offset"));
    if (place.has("zoom")) zoom(1 / Number(place.get("zoom")), cursor.at, cursor.step);
    setMode(modes[place.get("colour")] && (meta.recorded || place.get("colour") !== "caller") ? place.get("colour") : mode);
    paint();
    document.body.dataset.state = "ready";
    document.body.dataset.milliseconds = Math.round(performance.now() - started);
  })();

  """#
