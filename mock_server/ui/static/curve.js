// A job's loss curves as an SVG, sized to the available width.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 170, LEFT = 40, RIGHT = 10, TOP = 10, BOTTOM = 22;

function node(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text != null) made.textContent = text;
  return made;
}

/** Return three or four round numbers within a range. */
function ticks(low, high) {
  const rough = (high - low) / 3 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => power * factor >= rough);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9; value += step) found.push(Number(value.toPrecision(6)));
  return found;
}

/** Draw `loss` and `eval_loss`, lists of [step, value], into an <svg>; the label contains the last values. */
export function draw(svg, { steps, loss, eval_loss: evaluated }) {
  const width = Math.max(240, svg.parentElement.clientWidth || 480);
  const values = [...loss, ...evaluated].map((pair) => pair[1]);
  const low = Math.min(...values), high = Math.max(...values);
  const pad = (high - low) * 0.08 || 0.1;
  const [bottom, top] = values.length ? [Math.max(0, low - pad), high + pad] : [0, 3];
  const x = (step) => LEFT + ((width - LEFT - RIGHT) * step) / Math.max(1, steps);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - bottom) / (top - bottom));
  const grid = ticks(bottom, top).flatMap((value) => [
    node("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
    node("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, String(value)),
  ]);
  const feet = ticks(0, steps).filter((step) => step === Math.round(step)).map((step) =>
    node("text", { x: x(step), y: HEIGHT - 6, "text-anchor": step ? "middle" : "start" }, String(step)));
  const lines = [["loss", loss], ["eval", evaluated]].flatMap(([name, pairs]) => {
    const places = pairs.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`);
    const line = node("polyline", { class: name, points: places.join(" ") });
    const dots = pairs.length <= 60 || name === "eval" ? places.slice(-60) : places.slice(-1);
    return [line, ...dots.map((place) => node("circle", { class: name, cx: place.split(",")[0], cy: place.split(",")[1], r: 2.5 }))];
  });
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.setAttribute("height", HEIGHT);
  svg.setAttribute("data-points", loss.length);
  const last = (name, pairs) => (pairs.length ? `${name} ${pairs.at(-1)[1]} at step ${pairs.at(-1)[0]}` : `no ${name} yet`);
  svg.setAttribute("aria-label", `${last("loss", loss)}; ${last("eval loss", evaluated)}`);
  svg.replaceChildren(...grid, ...feet, ...lines);
}
