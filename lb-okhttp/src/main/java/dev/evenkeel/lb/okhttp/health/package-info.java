/**
 * Health checks that speak HTTP or gRPC, over the user's OkHttpClient.
 *
 * <p>A check goes to the very backend, under the pool's logical host: {@code Host}, SNI and certificate are those of
 * the traffic. Start reading at {@link dev.evenkeel.lb.okhttp.health.HttpHealthCheck}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.health;

import org.jspecify.annotations.NullMarked;
