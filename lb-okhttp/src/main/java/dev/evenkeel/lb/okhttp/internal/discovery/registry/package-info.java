/**
 * The common parts of all registries: sessions, watches with back-off, a bounded HTTP client, JSON.
 *
 * <p>Depends on OkHttp, Jackson and the discovery SPI. Start reading at {@code RegistryWatch}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import org.jspecify.annotations.NullMarked;
