/** What a client sees of a Triton server, as cases that run against the genuine one and against the worker alike. */
package io.wurstwerk.worker.contract;
