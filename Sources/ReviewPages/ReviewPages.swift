/// The review's pages: values in, whole HTML documents out.
///
/// Every text becomes HTML through the one escaper of `HTMLText`. A page names no host, holds no script, no style and no
/// model's name; the three assets of ``ReviewAsset`` do the rest. A page of work is a shell: its cases come over the
/// JSON API, so that the next one is there before it is wanted and nothing is loaded anew.
public enum ReviewPages {}
