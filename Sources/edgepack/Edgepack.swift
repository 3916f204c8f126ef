@main enum Edgepack { static func main() {} }
