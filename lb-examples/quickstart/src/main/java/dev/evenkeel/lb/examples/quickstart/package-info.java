/**
 * The main job as a program: an ordinary OkHttpClient, a pool of real servers, and everything that happens to servers while
 * traffic flows.
 *
 * <p>It uses what any application can use, nothing else. Without options it brings its own servers; with {@code --config} it
 * calls servers that exist. Start reading at {@link dev.evenkeel.lb.examples.quickstart.Demo}.
 */
@NullMarked
package dev.evenkeel.lb.examples.quickstart;

import org.jspecify.annotations.NullMarked;
