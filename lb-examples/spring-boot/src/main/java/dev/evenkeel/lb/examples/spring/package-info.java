/** A Spring Boot application with Evenkeel's starter. Start reading at {@code SpringBootExample}. */
@NullMarked
package dev.evenkeel.lb.examples.spring;

import org.jspecify.annotations.NullMarked;
