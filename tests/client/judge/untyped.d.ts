// The client's declarations name this package, which brings none of its own.
declare module "@ungap/url-search-params";
