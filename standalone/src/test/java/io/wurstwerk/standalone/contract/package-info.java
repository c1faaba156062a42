/** What this project relies on in a store and in Kafka, asked of every kind of them that it may meet. */
package io.wurstwerk.standalone.contract;
