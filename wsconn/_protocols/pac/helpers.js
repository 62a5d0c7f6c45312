// The functions that a PAC may call, as Chromium has them, odd corners included: a script must choose the same way here.
//
// What asks for names and addresses (dnsResolve, dnsResolveEx, myIpAddress, myIpAddressEx) is in sandbox.js. They are
// globals, looked up when they are called: a script that has a dnsResolve of its own gets it from isInNet too. All else
// that is not for scripts stays in here, so that they can use its names.
(() => {
  // --- names of hosts ---

  // Nobody sees it. A text is made of it all the same: that may fail.
  function alert(text) {
    `${text}`;
  }

  function isPlainHostName(host) {
    if (typeof host !== "string") throw new TypeError("isPlainHostName wants a string");
    return !host.includes(".") && !addressBytes(host);
  }

  function dnsDomainIs(host, domain) {
    return host.length >= domain.length && host.slice(host.length - domain.length) === domain;
  }

  // "www.example" is short for "www.example.org" too, though Netscape's description speaks of names without dots.
  function localHostOrDomainIs(host, full) {
    return host === full || full.startsWith(`${host}.`);
  }

  function dnsDomainLevels(host) {
    return host.split(".").length - 1;
  }

  // A pattern as in a shell, in which what else is special in regular expressions works: "(*.a.test|*.b.test)" is common.
  function shExpMatch(text, pattern) {
    const source = pattern.replace(/[.*?]/g, (sign) => ({ ".": "\\.", "*": ".*", "?": "." })[sign]);
    return new RegExp(`^${source}$`).test(text);
  }

  // --- addresses ---

  function isResolvable(host) {
    return dnsResolve(host) != null;
  }

  function isResolvableEx(host) {
    return dnsResolveEx(host) !== "";
  }

  function isValidIpAddress(text) {
    const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
    return parts !== null && parts.slice(1).every((part) => part <= 255);
  }

  function convert_addr(text) {
    return text.split(".").slice(0, 4).reduce((number, part, i) => number | ((part & 255) << (24 - 8 * i)), 0);
  }

  function isInNet(host, pattern, mask) {
    const address = isValidIpAddress(host) ? host : dnsResolve(host);
    if (address == null || !isValidIpAddress(pattern) || !isValidIpAddress(mask)) return false;
    const bits = convert_addr(mask);
    return (convert_addr(address) & bits) === (convert_addr(pattern) & bits);
  }

  function isInNetEx(address, prefix) {
    if (typeof address !== "string" || typeof prefix !== "string") return null;
    const [net, length, more] = prefix.split("/").map((part) => part.trim());
    const [own, other] = [addressBytes(address), addressBytes(net)];
    if (!own || !other || more !== undefined || !/^\d+$/.test(length) || length > 8 * other.length) return false;
    const bits = +length + (other.length < own.length ? 96 : 0);
    return own.length === other.length ? agree(own, other, bits) : agree(asIpv6(own), asIpv6(other), bits);
  }

  // IPv6 before IPv4, and each in ascending order.
  function sortIpAddressList(list) {
    if (typeof list !== "string" || /[^\x00-\x7f]/.test(list)) return null;
    const addresses = list.replace(/[ \t]/g, "").split(";").filter((part) => part !== "");
    if (!addresses.length || !addresses.every(addressBytes)) return false;
    const key = (address) => String.fromCharCode(...addressBytes(address));
    const compare = (a, b) => b.length - a.length || (a < b ? -1 : a > b ? 1 : 0);
    return addresses.sort((a, b) => compare(key(a), key(b))).join(";");
  }

  function agree(one, other, bits) {
    return one.every((byte, i) => {
      const free = 8 - Math.min(8, Math.max(0, bits - 8 * i));
      return byte >> free === other[i] >> free;
    });
  }

  // RFC 4291, section 2.5.5.2.
  function asIpv6(bytes) {
    return bytes.length === 16 ? bytes : [...Array(10).fill(0), 255, 255, ...bytes];
  }

  // The bytes of an address, 4 or 16 of them; undefined where it is none.
  function addressBytes(text) {
    return text.includes(":") ? ipv6Bytes(text) : ipv4Bytes(text);
  }

  // As in a URL: the last part of a short one fills what is left, "10.1" is 10.0.0.1; hexadecimal and octal are read too.
  function ipv4Bytes(text) {
    const parts = text.replace(/\.$/, "").split(".").map(ipv4Part);
    if (parts.length > 4 || parts.some(Number.isNaN)) return undefined;
    const last = parts.pop();
    if (parts.some((part) => part > 255) || last >= 256 ** (4 - parts.length)) return undefined;
    const rest = [24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256);
    return [...parts, ...rest.slice(parts.length)];
  }

  function ipv4Part(text) {
    if (/^0x[0-9a-f]{0,16}$/i.test(text)) return parseInt(`0${text.slice(2)}`, 16);
    if (/^0[0-7]{1,16}$/.test(text)) return parseInt(text, 8);
    return /^(0|[1-9]\d{0,16})$/.test(text) ? +text : NaN;
  }

  function ipv6Bytes(text) {
    const halves = withoutIpv4(text).split("::").map((half) => (half === "" ? [] : half.split(":")));
    const [start, end] = halves;
    const missing = 8 - start.length - (end?.length ?? 0);
    if (halves.length > 2 || (end ? missing < 1 : missing !== 0)) return undefined;
    const all = [...start, ...Array(missing).fill("0"), ...(end ?? [])];
    if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
    return all.map((group) => parseInt(group, 16)).flatMap((number) => [number >> 8, number & 255]);
  }

  // "10.1.2.3" at the end of an IPv6 address stands for two groups (RFC 4291, section 2.2).
  function withoutIpv4(text) {
    const start = text.lastIndexOf(":") + 1;
    if (!isValidIpAddress(text.slice(start))) return text;
    const number = convert_addr(text.slice(start)) >>> 0;
    return `${text.slice(0, start)}${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;
  }

  // --- the clock ---

  const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
  const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

  // Take off a "GMT" at the end of the arguments; the UTC of the moment that is returned is what the caller is to read.
  function moment(given) {
    const now = new Date();
    if (given.at(-1) === "GMT") return [now, given.slice(0, -1)];
    return [new Date(now.getTime() - now.getTimezoneOffset() * 60000), given];
  }

  // A range whose end is before its beginning goes on past the turn of the week, the month, the year or the day.
  function isWithin(first, value, last) {
    return first <= last ? first <= value && value <= last : value >= first || value <= last;
  }

  function weekdayRange(...given) {
    const [now, days] = moment(given);
    const first = WEEKDAYS.indexOf(days[0]);
    const last = days.length === 2 ? WEEKDAYS.indexOf(days[1]) : first;
    return first >= 0 && last >= 0 && isWithin(first, now.getUTCDay(), last);
  }

  // Half of the arguments say when it begins, half when it ends. What they leave out is the start of this year for the
  // one, and its end for the other.
  function dateRange(...given) {
    if (!given.length) return false;
    const [now, parts] = moment(given);
    const today = { year: now.getUTCFullYear(), month: now.getUTCMonth(), day: now.getUTCDate() };
    const fields = parts.map(dateField);
    if (fields.length === 1) return today[fields[0][0]] === fields[0][1];
    const half = fields.length >> 1;
    const from = { year: today.year, month: 0, day: 1, ...Object.fromEntries(fields.slice(0, half)) };
    const to = { year: today.year, month: 11, day: 31, ...Object.fromEntries(fields.slice(half)) };
    if (fields.length === 2) return isWithin(...[from, today, to].map((date) => date[fields[0][0]]));
    return isWithin(...[from, today, to].map(({ year, month, day }) => (year * 12 + month) * 32 + day));
  }

  function dateField(part) {
    const month = MONTHS.indexOf(part);
    return month >= 0 ? ["month", month] : [part > 31 ? "year" : "day", +part];
  }

  // Hours alone do not go past midnight, those with minutes do.
  function timeRange(...given) {
    if (!given.length) return false;
    const [now, parts] = moment(given);
    const numbers = parts.map(Number);
    const hour = now.getUTCHours();
    const seconds = (h, m, s) => (h * 60 + m) * 60 + s;
    const value = seconds(hour, now.getUTCMinutes(), now.getUTCSeconds());
    const [a, b, c, d, e, f] = numbers;
    switch (numbers.length) {
      case 1: return hour === a;
      case 2: return a <= hour && hour <= b;
      case 4: return isWithin(seconds(a, b, 0), value, seconds(c, d, 59));
      case 6: return isWithin(seconds(a, b, c), value, seconds(d, e, f));
      default: throw new TypeError("timeRange wants 1, 2, 4 or 6 numbers");
    }
  }

  // --- and all that browsers have besides ---

  const console = Object.fromEntries(
    `assert clear context count countReset debug dir dirxml error group groupCollapsed groupEnd info log profile profileEnd table
    time timeEnd timeLog timeStamp trace warn`.split(/\s+/).map((name) => [name, () => {}]),
  );

  // What the last pattern that fitted has found is kept in RegExp.$1 and so on; the engine has not got these.
  const { exec } = RegExp.prototype;
  let found = [];
  RegExp.prototype.exec = function (text) {
    const result = exec.call(this, text);
    found = result ?? found;
    return result;
  };
  for (const [i, name] of ["lastMatch", "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9"].entries()) {
    Object.defineProperty(RegExp, name, { get: () => found[i] ?? "", configurable: true });
  }

  Object.assign(globalThis, { alert, console });
  Object.assign(globalThis, { isPlainHostName, dnsDomainIs, localHostOrDomainIs, dnsDomainLevels, shExpMatch });
  Object.assign(globalThis, { isResolvable, isResolvableEx, isInNet, isInNetEx, sortIpAddressList });
  Object.assign(globalThis, { isValidIpAddress, convert_addr, weekdayRange, dateRange, timeRange });
})();
