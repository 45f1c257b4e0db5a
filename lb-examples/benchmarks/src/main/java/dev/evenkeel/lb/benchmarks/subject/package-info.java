/**
 * What is measured: each strategy, hand-written floors, and other libraries' choices. Start reading at {@link
 * dev.evenkeel.lb.benchmarks.subject.Catalogue}.
 */
@NullMarked
package dev.evenkeel.lb.benchmarks.subject;

import org.jspecify.annotations.NullMarked;
