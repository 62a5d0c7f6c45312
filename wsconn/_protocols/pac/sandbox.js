// What stands between a PAC and wsconn. It is called once for each run of the script, in a context of its own, and says in
// lines what happened: a word, and then texts as JSON.
//
//   answer, TEXT          what FindProxyForURL returned
//   endless               that is too long to be an answer
//   oddity, KIND          what it returned instead of a string
//   missing, NAME         there is no such function, but, where NAME is not empty, that one
//   thrown, TEXT, STACK   an error, and where
//   name, NAME            the addresses of NAME are needed
//   own                   this machine's addresses are needed
//   memory                there is too little left to say more
//
// The script may replace whatever it can reach, and may do harm. So what is used after it has begun was taken before that,
// and nothing of the script's is touched but within this call, which has limits. What leaves the call as an error has
// none: Python shows it with the interpreter's lock held. That happens to one error alone: when the time is up, the engine
// throws an InternalError that no script can catch. So what is looked at of that one is made fast.
(script, url, host, known, own, now, seed) => {
  "use strict";
  const { Date: Clock, Function, JSON, InternalError, Reflect, eval: run, globalThis: global } = globalThis;
  const { stringify } = JSON;
  const { apply, construct } = Reflect;
  const { imul } = Math;
  const cut = Function.prototype.call.bind(String.prototype.slice);
  const LONGEST = 65536; // characters of an answer: free proxies are listed by the hundred
  const SHOWN = 1000; // characters of an error
  // What Chromium has declared by a script of its own: nobody declares that by let, const or class.
  const DECLARED = [
    ...["dnsDomainIs", "dnsDomainLevels", "localHostOrDomainIs", "shExpMatch", "isResolvable", "isResolvableEx", "isInNet"],
    ...["isValidIpAddress", "convert_addr", "weekdayRange", "dateRange", "timeRange", "wdays", "months"],
  ];

  // --- a place like a browser's ---

  // Set and made fast, so that showing an error runs nothing of the script's.
  const fast = (value) => ({ value, writable: false, enumerable: false, configurable: false });
  const ownProperty = Object.getOwnPropertyDescriptor;
  const message = function () {
    return ownProperty(this, "message").value;
  };
  Object.defineProperty(InternalError.prototype, Symbol.toPrimitive, fast(message));
  Object.defineProperty(InternalError.prototype, "stack", fast(""));
  for (const name of ["DOMException", "InternalError", "atob", "btoa", "navigator", "performance", "queueMicrotask"]) {
    delete global[name];
  }

  // All runs of one evaluation see one moment and draw the same lots: one that took another turn would ask for other
  // names, and might never come to its end.
  Clock.now = () => now;
  global.Date = new Proxy(Clock, {
    apply: () => new Clock(now).toString(),
    construct: (_, given, made) => construct(Clock, given.length ? given : [now], made),
  });
  Clock.prototype.constructor = global.Date;
  let lot = seed;
  Math.random = () => {
    lot = (imul(lot, 1664525) + 1013904223) >>> 0; // Knuth's, as in Numerical Recipes
    return lot / 2 ** 32;
  };

  // --- names and addresses, which are known, or end this run ---

  let lacks; // the first thing that was not known; a script may catch what is thrown, and go on in vain
  const need = (what) => {
    lacks ??= what;
    throw "a name has to be looked up first";
  };
  const addresses = new Map(JSON.parse(known));
  const lookUp = (name) => (name.length > 255 ? [] : addresses.get(name) ?? need("name\n" + stringify(name)));
  const ownAddresses = () => (own === null ? need("own") : JSON.parse(own));
  const isIpv4 = (address) => !address.includes(":");
  Object.assign(global, {
    dnsResolve: (name) => (typeof name === "string" ? lookUp(name).find(isIpv4) ?? null : null),
    dnsResolveEx: (name) => (typeof name === "string" ? lookUp(name).join(";") : undefined),
    myIpAddress: () => ownAddresses().find(isIpv4) ?? ownAddresses()[0] ?? "127.0.0.1",
    myIpAddressEx: () => ownAddresses().join(";"),
  });
  const isOfUse = (name) => typeof global[name] === "function" && script.includes(name);
  const helpers = Object.keys(global).filter(isOfUse);

  // --- the script ---

  // When a script is run by eval, what it declares by let, const and class is its own, and all of a strict one is. In a
  // browser the helpers see those of its functions that replace one of them, and a strict FindProxyForURL is found.
  const END = `
;({ isStrict: (function () { return !this })(), found: typeof FindProxyForURL === "function" ? FindProxyForURL : undefined,
  own: { ${helpers.map((name) => `get ${name}() { return ${name} }`)} } })`;

  const replace = (own) => {
    for (let i = 0; i < helpers.length; i++) {
      try {
        global[helpers[i]] = own[helpers[i]];
      } catch {} // the script has deleted it
    }
  };

  // A lexical declaration suffers no other of its name beside it, and there is no other way to tell one.
  const isLexical = (names) => {
    try {
      construct(Function, [script + "\n;var " + names]);
    } catch {
      return true;
    }
    return false;
  };
  const mayHaveLexical = /\b(let|const|class)\b/.test(script);
  const refuseDeclared = () => {
    if (!isLexical(DECLARED + "")) return;
    let name;
    for (let i = 0; i < DECLARED.length && !name; i++) if (isLexical(DECLARED[i])) name = DECLARED[i];
    throw "SyntaxError: browsers have declared '" + name + "' already";
  };

  const describe = (error) => {
    let text = "an object";
    let stack = "";
    try {
      text = `${error}`;
      stack = `${error.stack ?? ""}`;
    } catch {}
    // The engine throws null where it has not even room for an error.
    if (error === null || text === "out of memory") return "memory";
    return "thrown\n" + stringify(cut(text, 0, SHOWN)) + "\n" + stringify(cut(stack, 0, SHOWN));
  };

  const askTheScript = () => {
    if (mayHaveLexical) refuseDeclared();
    const { isStrict, found, own } = run(script + END);
    replace(own);
    const isFound = isStrict && !(mayHaveLexical && isLexical("FindProxyForURL"));
    const find = isFound ? found : global.FindProxyForURL;
    if (typeof find !== "function") {
      return "missing\n" + stringify(typeof global.FindProxyForURLEx === "function" ? "FindProxyForURLEx" : "");
    }
    const answer = apply(find, global, [url, host]);
    if (typeof answer !== "string") return "oddity\n" + stringify(answer === null ? "null" : typeof answer);
    return answer.length > LONGEST ? "endless" : "answer\n" + stringify(answer);
  };

  try {
    let said;
    try {
      said = askTheScript();
    } catch (error) {
      said = lacks ?? describe(error);
    }
    return cut(lacks ?? said, 0); // in one piece: a long string that was put together is nothing that Python takes
  } catch {
    return "memory";
  }
};
