import ArgumentParser
struct A: ParsableCommand { @Flag var x = false; func run() { print("hi") } }
A.main()
