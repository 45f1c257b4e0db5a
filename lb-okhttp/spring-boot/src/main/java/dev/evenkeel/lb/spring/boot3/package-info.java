/**
 * Auto-configurations for the types that Spring Boot 4 has moved elsewhere, at their places in 3.5. Nothing here is
 * loaded on 4.
 */
@NullMarked
package dev.evenkeel.lb.spring.boot3;

import org.jspecify.annotations.NullMarked;
