/**
 * Measures what a pick and a call cost, beside hand-written floors and beside other libraries, and prints the ratios.
 *
 * <p>Nothing here is published, and nothing here asserts a time. Start reading at {@link
 * dev.evenkeel.lb.benchmarks.Benchmarks}, the command; what is measured is listed in {@link
 * dev.evenkeel.lb.benchmarks.subject.Catalogue}.
 */
@NullMarked
package dev.evenkeel.lb.benchmarks;

import org.jspecify.annotations.NullMarked;
