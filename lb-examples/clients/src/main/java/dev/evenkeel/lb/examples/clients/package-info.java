/**
 * Pools behind clients that are not OkHttp, or that stand on it: Wire and grpc-java, the JDK's HttpClient and Apache's.
 * docs/clients.md shows the code; start with {@code PooledExchange}.
 */
@NullMarked
package dev.evenkeel.lb.examples.clients;

import org.jspecify.annotations.NullMarked;
