// In a page the module is compressed. This unpacks it, or says why that cannot be.
(function (code) {
  function fail(why) {
    document.querySelectorAll(".vx-host:not([data-open])").forEach(function (host) {
      host.textContent = "The explorer cannot be shown. " + why;
      host.setAttribute("role", "alert");
    });
  }
  if (typeof DecompressionStream === "undefined") {
    fail("This browser is too old: it has no DecompressionStream, as all have since May 2023.");
    return;
  }
  const bytes = Uint8Array.from(atob(code), function (letter) { return letter.charCodeAt(0); });
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  new Response(stream).text().then(function (source) {
    const module = document.createElement("script");
    module.type = "module";
    module.textContent = source + "mountAll(document);";
    document.body.append(module);
  }).catch(fail);
})(document.currentScript.previousElementSibling.textContent);
