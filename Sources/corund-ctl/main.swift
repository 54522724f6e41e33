import ArgumentParser

CorundControl.main()
