/**
 * Small pieces of HTTP: cookies, gRPC status, URL rewriting, bounded regular expressions, argument checks, and the
 * bodies and connections that callers get.
 *
 * <p>Depends on OkHttp's public API and the values of {@code okhttp.trace} alone. Start reading at {@code UrlRewriter}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.http;

import org.jspecify.annotations.NullMarked;
