"use strict";
// As much of a browser's DOM as the flame graph uses. The layout is fixed: every element is 1,000 pixels wide.

const elements = new Map();
const listeners = {};

class Element {
  constructor(name) {
    this.tagName = name.toUpperCase();
    this.children = [];
    this.attributes = {};
    this.style = { setProperty(key, value) { this[key] = value; } };
    this.dataset = {};
    this.className = "";
    this.hidden = false;
    this.clientWidth = 1_000;
    this.classList = {
      add: (...names) => { this.className = [...this.classes(), ...names].join(" "); },
      toggle: (name, on) => { this.className = [...this.classes().filter((other) => other !== name), ...(on ? [name] : [])].join(" "); },
    };
  }
  classes() { return this.className.split(" ").filter(Boolean); }
  get textContent() { return this.children.map((child) => child.textContent ?? child).join(""); }
  set textContent(text) { this.children = [text]; }
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  setAttribute(key, value) { this.attributes[key] = String(value); }
  getAttribute(key) { return this.attributes[key] ?? null; }
  getBoundingClientRect() { return { left: 0, top: 0, bottom: 20, width: 100, height: 20 }; }
  focus() { this.onfocus?.(); }
  scrollIntoView() {}
}

const document = {
  documentElement: new Element("html"),
  createElement: (name) => new Element(name),
  getElementById: (id) => {
    if (!elements.has(id)) elements.set(id, new Element("div"));
    return elements.get(id);
  },
};
const addEventListener = (name, listener) => { listeners[name] = listener; };
const innerWidth = 1_000, innerHeight = 1_000;
